"""Import page: comment files become comments of the project, looked at before anything is written."""
