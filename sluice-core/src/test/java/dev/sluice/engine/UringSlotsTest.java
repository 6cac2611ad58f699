package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UringSlotsTest {
    private final UringSlots slots = new UringSlots();

    private UringHandle enter() {
        UringHandle handle = UringHandle.of(null, 7);
        slots.enter(handle);
        return handle;
    }

    @Test
    void finds_the_bearer_of_each_operation_and_no_earlier_one() {
        UringHandle first = enter();
        long stale = first.tag | UringTag.RECEIVE;
        assertThat(slots.find(stale)).isSameAs(first);
        slots.leave(first);
        assertThat(slots.find(stale)).isNull();
        UringHandle second = enter();
        assertThat(second.tag).isNotEqualTo(stale & ~0xffL);
        assertThat(slots.find(stale)).isNull();
        assertThat(slots.find(second.tag | UringTag.SEND)).isSameAs(second);
        assertThat(UringTag.operation(second.tag | UringTag.SEND)).isEqualTo(UringTag.SEND);
    }

    @Test
    void grows_and_keeps_its_numbers_small() {
        List<UringHandle> handles = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            handles.add(enter());
        }
        assertThat(handles)
                .allSatisfy(handle -> assertThat(slots.find(handle.tag)).isSameAs(handle));
        handles.forEach(slots::leave);
        assertThat(slots.any()).isNull();
        for (int i = 0; i < 1000; i++) {
            assertThat(UringTag.slot(enter().tag)).isLessThan(1000);
        }
    }

    @Test
    void a_handle_keeps_its_slot() {
        UringHandle handle = enter();
        long tag = handle.tag;
        slots.enter(handle);
        assertThat(handle.tag).isEqualTo(tag);
        assertThat(slots.any()).isSameAs(handle);
    }
}
