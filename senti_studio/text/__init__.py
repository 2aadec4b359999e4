"""Chinese text as units of meaning: normalise, segment, count, encode. The only package that knows jieba."""
