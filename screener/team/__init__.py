"""What a site keeps beside the ledgers of its reviews: accounts, roles, the list of reviews, an audit, and jobs.

It knows SQL and no HTTP. `screener open` uses the list of reviews and the jobs alone.
"""
