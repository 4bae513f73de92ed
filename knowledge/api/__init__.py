"""The app's REST API, one file per noun. Thin: rules and verbs are in the capability folders."""
