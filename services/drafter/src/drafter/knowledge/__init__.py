"""What an assistant knows, searchable in memory."""

from drafter.knowledge.index import Hit, KnowledgeIndex

__all__ = ["Hit", "KnowledgeIndex"]
