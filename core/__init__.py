"""What a conversation means: commands, file formats, prompts, the pipeline stages and the store."""

__version__ = "0.1.0"
