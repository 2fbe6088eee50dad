"""What do people do? One function a step, one transaction each (docs/steps.md)."""
