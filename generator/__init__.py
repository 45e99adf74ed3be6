"""From one spec to per-node bundles. Start reading at `generator.pipeline`."""
