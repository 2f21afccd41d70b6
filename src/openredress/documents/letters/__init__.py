"""Papers of the office: templates that an office can edit, rendered in the manner of GB/T 9704."""
