"""From a bundle to verdicts about its nodes. Start reading at `verify.engine`."""
