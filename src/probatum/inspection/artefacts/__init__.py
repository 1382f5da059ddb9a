"""What is read: manifests, pictures, depth, annotations; bytes become typed values, or an outcome that says why not."""
