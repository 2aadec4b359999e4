"""Why a model says what it says: shares of words and characters in a score, and comments that resemble."""
