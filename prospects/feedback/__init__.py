"""What goes back to marketing: how a cycle ended, what sales asks of them, where verdicts disagree, who came back."""
