"""The screens: closed unless one says open, each a request of five beats."""
