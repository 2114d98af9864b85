"""Messages, replies and token counts in OpenAI's shape, which every vendor is read into."""
