"""What is left on a broker is taken away."""

from kombu import Connection


def forget(broker: str, name: str) -> None:
    """Leave nothing of the hub of this name on the broker."""
    with Connection(broker) as made, made.channel() as channel:
        if broker.startswith("redis"):
            keys = channel.client.keys(f"{name}:*")
            if keys:
                channel.client.delete(*keys)
        else:
            for queue in (name, f"{name}.aside", f"{name}.urgent"):
                channel.queue_delete(queue)
            for exchange in (name, f"{name}.aside", f"{name}.urgent", f"{name}.control", f"{name}.events"):
                channel.exchange_delete(exchange)
