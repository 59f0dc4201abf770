"""The invented company of the demo: Averdahl Sensing AG and fourteen months of its life (docs/demo.md)."""
