package dev.sluice.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 9090}, {@code HOST:9090}, {@code [::1]:9090} or {@code unix:PATH}. */
final class AdminConverter implements ITypeConverter<SocketAddress> {
    private static final Pattern FORM = Pattern.compile("(?:(\\[[0-9a-fA-F:.]+]|[^:\\[\\]]+):)?([0-9]{1,5})");
    private static final String UNIX = "unix:";
    private static final int MOST = 65_535;

    /** For picocli. */
    AdminConverter() {}

    @Override
    public SocketAddress convert(String text) {
        if (text.startsWith(UNIX) && text.length() > UNIX.length()) {
            return UnixDomainSocketAddress.of(text.substring(UNIX.length()));
        }
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > MOST) {
            throw new TypeConversionException(
                    "'" + text + "' is no place for a listener: write a port, HOST:PORT or unix:PATH");
        }
        String host = matcher.group(1);
        InetAddress address = named(host == null ? "127.0.0.1" : host);
        return new InetSocketAddress(address, Integer.parseInt(matcher.group(2)));
    }

    private static InetAddress named(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new TypeConversionException("'" + host + "' is no address of this machine that can be found");
        }
    }
}
