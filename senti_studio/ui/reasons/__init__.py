"""Why a model decides as it does: shown as marked text, weighed words and training comments like it."""
