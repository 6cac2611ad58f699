package dev.sluice.threading;

import dev.sluice.Options;
import dev.sluice.ServiceProvider;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a worker process is told when it starts, as the one message that its master sends first.
 *
 * @param model what it runs; prefork's own workers know
 * @param address where the server listens, its port known
 * @param provider the class that makes the service
 * @param arguments what it is given
 * @param options the server's
 */
record WorkerSetup(String model, SocketAddress address, String provider, List<String> arguments, Options options) {
    /** A message; the worker runs the same code, so there are no versions. */
    byte[] encode() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeUTF(model);
            writeAddress(out);
            out.writeUTF(provider);
            out.writeInt(arguments.size());
            for (String argument : arguments) {
                out.writeUTF(argument);
            }
            write(out, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the options can't be read", e);
        }
        return bytes.toByteArray();
    }

    static WorkerSetup decode(byte[] message) {
        try (var in = new DataInputStream(new ByteArrayInputStream(message))) {
            String model = in.readUTF();
            SocketAddress address = readAddress(in);
            String provider = in.readUTF();
            List<String> arguments = new ArrayList<>();
            for (int n = in.readInt(); n > 0; n--) {
                arguments.add(in.readUTF());
            }
            return new WorkerSetup(model, address, provider, List.copyOf(arguments), (Options) read(in, Options.class));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the options can't be made", e);
        }
    }

    /** A port of -1 says that the address is a path. */
    private void writeAddress(DataOutputStream out) throws IOException {
        if (address instanceof InetSocketAddress inet) {
            byte[] bytes = inet.getAddress().getAddress();
            out.writeInt(inet.getPort());
            out.writeInt(bytes.length);
            out.write(bytes);
        } else {
            out.writeInt(-1);
            out.writeUTF(((UnixDomainSocketAddress) address).getPath().toString());
        }
    }

    private static SocketAddress readAddress(DataInputStream in) throws IOException {
        int port = in.readInt();
        return port < 0
                ? UnixDomainSocketAddress.of(in.readUTF())
                : new InetSocketAddress(InetAddress.getByAddress(in.readNBytes(in.readInt())), port);
    }

    private static void write(DataOutputStream out, Object value) throws IOException, ReflectiveOperationException {
        switch (value) {
            case Integer i -> out.writeInt(i);
            case Long l -> out.writeLong(l);
            case Boolean b -> out.writeBoolean(b);
            case String s -> out.writeUTF(s);
            case Duration d -> {
                out.writeLong(d.getSeconds());
                out.writeInt(d.getNano());
            }
            case Enum<?> e -> out.writeUTF(e.name());
            case Record r -> {
                for (RecordComponent part : r.getClass().getRecordComponents()) {
                    write(out, part.getAccessor().invoke(r));
                }
            }
            default -> throw new IllegalStateException("no way to send an option of " + value.getClass());
        }
    }

    private static Object read(DataInputStream in, Class<?> type) throws IOException, ReflectiveOperationException {
        if (type == int.class) {
            return in.readInt();
        }
        if (type == long.class) {
            return in.readLong();
        }
        if (type == boolean.class) {
            return in.readBoolean();
        }
        if (type == String.class) {
            return in.readUTF();
        }
        if (type == Duration.class) {
            return Duration.ofSeconds(in.readLong(), in.readInt());
        }
        if (type.isRecord()) {
            RecordComponent[] parts = type.getRecordComponents();
            Class<?>[] types =
                    Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Object[] values = new Object[parts.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = read(in, types[i]);
            }
            return type.getDeclaredConstructor(types).newInstance(values);
        }
        if (type.isEnum()) {
            String name = in.readUTF();
            for (Object constant : type.getEnumConstants()) {
                if (((Enum<?>) constant).name().equals(name)) {
                    return constant;
                }
            }
        }
        throw new IllegalStateException("no way to receive an option of " + type);
    }

    /** The provider's class, in the process that is to run it. */
    Class<? extends ServiceProvider> providerClass() {
        try {
            return Class.forName(provider, true, ClassLoader.getSystemClassLoader())
                    .asSubclass(ServiceProvider.class);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("a worker doesn't find the class " + provider, e);
        }
    }
}
