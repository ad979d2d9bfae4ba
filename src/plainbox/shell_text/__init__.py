"""What can be said about shell text without a shell."""

from plainbox.shell_text.reading import ShellText, read_shell

__all__ = ["ShellText", "read_shell"]
