"""An explanation as people read it: titles and terms, one module for each kind of step."""
