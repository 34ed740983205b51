"""This folder invokes functions of Serverless Cloud Function (SCF)."""
