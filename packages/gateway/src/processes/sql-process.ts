import { serveSqlProcess } from '../sql/sql-process.ts';

serveSqlProcess();
