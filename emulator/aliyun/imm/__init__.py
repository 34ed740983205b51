"""IMM (Intelligent Media Management): the labels of pictures in OSS."""
