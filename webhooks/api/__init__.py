"""The REST side of the wire, a file a noun, and the conventions that every API of the site keeps."""
