"""Soutien: the programme Mon soutien psy, from the first doubt to the last euro."""
