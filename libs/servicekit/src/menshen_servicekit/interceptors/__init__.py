"""What every call passes on its way to a servicer, in one pass: CallInterceptor."""

from menshen_servicekit.interceptors.calls import CallInterceptor

__all__ = ["CallInterceptor"]
