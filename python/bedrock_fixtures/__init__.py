"""Recordings of Bedrock's OpenAI-compatible API for tests: the command-line tool and a pytest plugin."""
