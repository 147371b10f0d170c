package sportello

import java.io.File
import java.nio.ByteBuffer
import java.nio.channels.SeekableByteChannel
import java.nio.file.Path

/** A file on disk; its content is read when it is sent. The type comes from the name's ending. */
@Throws(SportelloException::class)
public fun attachment(file: File): Attachment = Attachment.fromPath(file.path)

/** A file on disk; its content is read when it is sent. The type comes from the name's ending. */
@Throws(SportelloException::class)
public fun attachment(path: Path): Attachment = Attachment.fromPath(path.toString())

/** A file in memory; its type is told by its name unless it is given. */
public fun attachment(name: String, bytes: ByteArray, mime: String? = null): Attachment = Attachment.fromBytes(name, bytes, mime)

/**
 * A file behind a channel, such as that of a document which another app shares. It is read in pieces, as often as needed, while it is checked
 * and sent; leave it open until then.
 */
@Throws(SportelloException::class)
public fun attachment(name: String, channel: SeekableByteChannel, mime: String? = null): Attachment =
    Attachment.fromSource(name, ChannelSource(channel), mime)

/** One PDF of the front and the back of a document, photographed. EXIF and GPS data are left out. */
@Throws(SportelloException::class)
public fun pages(front: Attachment, back: Attachment): Attachment = pages(listOf(front, back))

private class ChannelSource(private val channel: SeekableByteChannel) : SeekableSource {
    override fun size(): ULong = channel.size().toULong()

    override fun read(offset: ULong, length: UInt): ByteArray {
        val buffer = ByteBuffer.allocate(length.toInt())
        // Position and reading belong together: two uploads may read at once.
        synchronized(channel) {
            channel.position(offset.toLong())
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                // Until it is full, or there is no more.
            }
        }
        return buffer.array().copyOf(buffer.position())
    }
}
