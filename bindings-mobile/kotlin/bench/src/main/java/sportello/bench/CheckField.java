package sportello.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import sportello.Answers;
import sportello.FieldReport;
import sportello.Service;
import sportello.SportelloException;

/** What one check of a field costs while it is typed, as a screen calls it: JNA and UniFFI are most of it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CheckField {
    private Service service;
    private Answers right;
    private Answers wrong;

    @Setup
    public void setUp() throws IOException, SportelloException {
        service = Service.Companion.fromJson(Files.readString(Path.of(System.getProperty("sportello.service"))));
        right = new Answers();
        right.setText("$4", "PRVRSL90E52H501A");
        wrong = new Answers();
        wrong.setText("$4", "PRVRSL90E52H501X");
    }

    /** A value that is right. */
    @Benchmark
    public FieldReport right() {
        return service.checkField(right, "$4");
    }

    /** One that is wrong: a finding comes back, which is an object of the library's. */
    @Benchmark
    public FieldReport wrong() {
        FieldReport report = service.checkField(wrong, "$4");
        report.getFindings().forEach(finding -> finding.close());
        return report;
    }
}
