"""Money for one enterprise or many: which channels go together, and how much there is through each."""
