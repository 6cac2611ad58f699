package dev.sluice.cli;

import dev.sluice.proxy.Backend;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a back end: {@code http://host:port}, or {@code host:port}, and {@code #weight=N}. A name is looked up once, here. */
final class BackendConverter implements ITypeConverter<Backend> {
    /** For picocli. */
    BackendConverter() {}

    @Override
    public Backend convert(String text) {
        URI uri;
        try {
            uri = new URI(text.contains("://") ? text : "http://" + text);
        } catch (URISyntaxException e) {
            throw wrong(text, "is no address");
        }
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        String host = uri.getHost();
        if (!scheme.equals("http")) {
            throw wrong(text, "is " + scheme + ", and back ends are spoken to in plain HTTP");
        }
        if (host == null || uri.getRawUserInfo() != null || uri.getRawQuery() != null) {
            throw wrong(text, "is no host and port");
        }
        if (!uri.getRawPath().isEmpty() && !uri.getRawPath().equals("/")) {
            throw wrong(text, "has a path, and requests keep their own");
        }
        int port = uri.getPort() == -1 ? 80 : uri.getPort();
        if (port < 1 || port > 65_535) {
            throw wrong(text, "has port " + port + ", which must be 1 to 65535");
        }
        try {
            return new Backend(new InetSocketAddress(InetAddress.getByName(host), port), weight(text, uri));
        } catch (UnknownHostException e) {
            throw wrong(text, "names a host that can't be found");
        }
    }

    private static int weight(String text, URI uri) {
        String fragment = uri.getRawFragment();
        if (fragment == null) {
            return 1;
        }
        if (!fragment.matches("weight=\\d{1,3}")) {
            throw wrong(text, "has more than #weight=N behind it");
        }
        int weight = Integer.parseInt(fragment.substring("weight=".length()));
        if (weight < 1 || weight > Backend.WEIGHT_MOST) {
            throw wrong(text, "has weight " + weight + ", which must be 1 to " + Backend.WEIGHT_MOST);
        }
        return weight;
    }

    private static TypeConversionException wrong(String text, String why) {
        return new TypeConversionException(
                "back end '" + text + "' " + why + ": write one as in http://127.0.0.1:9001");
    }
}
