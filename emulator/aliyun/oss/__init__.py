"""OSS (Object Storage Service): objects, their tags, the labels of pictures, and image processing."""
