"""`settle explain`: one holder's rows from the lake, explained by `transforms.explain`, in words or as JSON."""
