"""Words to phonemes, in Kokoro's alphabet."""
