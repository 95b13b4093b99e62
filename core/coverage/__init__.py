"""What the tests of an assistant reach: steps, branches, values, commands, and how to reach the rest."""
