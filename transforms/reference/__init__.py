"""Reference data (SPEC 2): from text to typed tables that keep their own rules, or a refusal.

`tables` reads the values, `rules` and `mentors` say what must hold, `checks` applies them table by table,
`model` is what comes out.
"""
