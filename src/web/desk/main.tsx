/**
 * Opens the front desk's page.
 * @module
 */
import { render } from 'preact';
import { openPage } from '../page/start.ts';

void openPage;
render(<p>desk</p>, document.getElementById('page')!);
