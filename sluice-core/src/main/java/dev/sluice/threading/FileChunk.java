package dev.sluice.threading;

import dev.sluice.FileRegion;
import dev.sluice.OpenFile;
import dev.sluice.engine.Chunk;

/** A part of a file that stands in an output queue; holds one reference to the file. */
final class FileChunk extends Chunk {
    final OpenFile file;
    long position;
    long left;

    FileChunk(FileRegion region) {
        this.file = region.file().retain();
        this.position = region.position();
        this.left = region.count();
    }
}
