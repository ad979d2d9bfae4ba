"""What earlier sessions say: their outcomes, in one database that journals can make anew."""

from plainbox.history.news import News, news_of
from plainbox.history.store import History, Result, RunRow

__all__ = ["History", "News", "Result", "RunRow", "news_of"]
