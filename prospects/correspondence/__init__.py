"""A rep and a person write to each other: writing a mail, templates to begin with, the talk on the timeline."""
