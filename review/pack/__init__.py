"""Rounds without a server: a hand-out is a file of records, a hand-in the file of one person's answers to them.

models     what stands in the files
hand_out   writes hand-outs; shares: who gets which record
opening    makes a small project of a hand-out, for the app on another machine
answers    writes the hand-in of such a project
keys       which round a file belongs to; people: whose it is
reading    reads both kinds, problems with their place; rows, answer_rows: what stands in their lines
merging    takes hand-ins into the project
"""
