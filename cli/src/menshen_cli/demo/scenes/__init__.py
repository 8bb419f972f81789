"""The scenes of the scripted morning: each arranges, presents on simulated hardware, and checks what came of it."""
