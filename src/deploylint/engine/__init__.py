"""Rules found and run: selection, overlays, ignore comments, copies, baseline, changed lines."""
