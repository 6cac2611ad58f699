package dev.sluice.engine;

import dev.sluice.OpenFile;

/** A part of a file that is to be sent; the file is retained by whoever asked for that. */
public record FilePart(OpenFile file, long position, long count) {}
