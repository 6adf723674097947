"""`settle explain`: one holder's rows from the lake, explained by `transforms.explanation`, in words or as JSON."""
