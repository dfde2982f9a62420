"""Deals: what data a consumer wants, the budget locked for it, and each consent until it is paid or undone."""
