package dev.sluice.proxy;

import dev.sluice.Service;
import dev.sluice.observe.MetricSource;

/** A proxy as a service, which tells what it and its back ends count. */
public sealed interface Proxy extends Service, MetricSource permits ProxyService, TcpProxyService {}
