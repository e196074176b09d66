"""What a shell asks for when a user presses TAB, and what it is told.

The scripts in ``completions/`` know nothing of cnictl: they hand the command line over and take what comes back. A
script calls the program that the user has typed, be it ``cnictl`` or ``./cnictl.pyz``:

===================================================== ==================================================
``cnictl __complete bash LINE BREAKS``                the line up to the cursor, and ``COMP_WORDBREAKS``
``cnictl __complete zsh [WORD]... CURRENT``           the words before the cursor, and what is begun of one
``cnictl __complete fish CURRENT [WORD]...``          the same, the one at the cursor still in its quotes
===================================================== ==================================================

The first line of the answer says how to take it; the others are words to choose from. The modules `bash`, `zsh` and
`fish` beside this one say what each of them reads and is given.

==========  ==================================================================================
module      what it does
==========  ==================================================================================
`survey`    walks every command and writes down what there is: ``index.json``
`index`     reads that
`commands`  makes of it commands that typer can read a line with, which loads no real command
`cursor`    finds out with typer's help what stands at the cursor
`values`    knows which words a parameter takes
`live`      looks for the names that are there now: networks, namespaces, plugins, attachments
`answer`    puts it together
==========  ==================================================================================

A completion never says what went wrong: whatever cannot be read has no names.
"""
